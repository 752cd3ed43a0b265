-- How long a scheduler keeps history, as JSON: written at its start, so that people see it elsewhere than in its environment.
-- NULL: portals and notifiers, and schedulers from before.
ALTER TABLE service_registration ADD COLUMN retention text;
