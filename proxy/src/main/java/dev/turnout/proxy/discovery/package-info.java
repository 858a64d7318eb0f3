/** Which backends the names of a pool lead to: looked up again and again, by the time that records allow. */
@NullMarked
package dev.turnout.proxy.discovery;

import org.jspecify.annotations.NullMarked;
