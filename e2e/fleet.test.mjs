/** A server from its first minute to a fleet. The scenarios stand in an order: later ones find what earlier ones left. */
import "./scenarios/setup.mjs";
import "./scenarios/places.mjs";
import "./scenarios/fleet.mjs";
import "./scenarios/bulk.mjs";
import "./scenarios/labels.mjs";
import "./scenarios/runs.mjs";
import "./scenarios/scripts.mjs";
import "./scenarios/schedules.mjs";
import "./scenarios/phone.mjs";
import "./scenarios/person.mjs";
import "./scenarios/people.mjs";
import "./scenarios/enrolment.mjs";
import "./scenarios/platform.mjs";
import "./scenarios/audit.mjs";
