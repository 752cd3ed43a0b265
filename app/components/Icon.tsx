export { Icon } from "../island_components/Icon.tsx";
