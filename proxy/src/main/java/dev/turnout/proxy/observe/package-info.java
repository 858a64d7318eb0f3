/** What the proxy tells the outside. Knows none of the other packages. */
@NullMarked
package dev.turnout.proxy.observe;

import org.jspecify.annotations.NullMarked;
