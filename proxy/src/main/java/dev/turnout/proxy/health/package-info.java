/** Probing backends and judging what the probes found. */
@NullMarked
package dev.turnout.proxy.health;

import org.jspecify.annotations.NullMarked;
