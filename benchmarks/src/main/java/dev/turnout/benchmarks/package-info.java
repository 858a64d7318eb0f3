/**
 * What the choice of a backend costs, by JMH. Each benchmark that counts nanoseconds has a null base line of its shape in the same
 * run: what is left when nothing is chosen. JMH extends these classes, so they are not final.
 */
@NullMarked
package dev.turnout.benchmarks;

import org.jspecify.annotations.NullMarked;
