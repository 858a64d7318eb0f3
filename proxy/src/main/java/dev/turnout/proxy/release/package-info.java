/** The life of a release: who gets the new colour, in which steps, and what the judge says of it. Pure: time is an argument. */
@NullMarked
package dev.turnout.proxy.release;

import org.jspecify.annotations.NullMarked;
