import { TabSignContext } from "../components/tab_sign.ts";
import { define } from "../utils.ts";

/** Tells each page what its tab says of the system. */
export default define.layout(function Layout({ Component, state }) {
  return (
    <TabSignContext.Provider value={state.health?.sign ?? null}>
      <Component />
    </TabSignContext.Provider>
  );
});
