/** The scenarios in the order of a server's life: later ones find what earlier ones left. */
import "./scenarios/setup.mjs";
import "./scenarios/join.mjs";
import "./scenarios/machine.mjs";
import "./scenarios/commands.mjs";
import "./scenarios/live.mjs";
import "./scenarios/places.mjs";
import "./scenarios/fleet.mjs";
import "./scenarios/bulk.mjs";
import "./scenarios/phone.mjs";
import "./scenarios/person.mjs";
