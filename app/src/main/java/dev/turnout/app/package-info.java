/** Main, the command line, and the one place that wires all parts together. */
@NullMarked
package dev.turnout.app;

import org.jspecify.annotations.NullMarked;
