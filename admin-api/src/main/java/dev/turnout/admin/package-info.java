/** The operator's HTTP API: reads requests into changes, and shows the state of things. Decides nothing by itself. */
@NullMarked
package dev.turnout.admin;

import org.jspecify.annotations.NullMarked;
