/** The corpus of raw-socket cases in src/test/resources/wire, and the harness that runs it against Turnout and its peers. */
@NullMarked
package dev.turnout.app.wire;

import org.jspecify.annotations.NullMarked;
