/** A server with one machine, which is this one. The scenarios stand in an order: later ones find what earlier ones left. */
import "./scenarios/join.mjs";
import "./scenarios/machine.mjs";
import "./scenarios/commands.mjs";
import "./scenarios/live.mjs";
import "./scenarios/history.mjs";
