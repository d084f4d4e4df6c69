/** The scenarios in the order of a server's life: later ones find what earlier ones left. */
import "./scenarios/setup.mjs";
import "./scenarios/machine.mjs";
