/** Typed settings and the words every module shares. Knows nothing of Netty. */
@NullMarked
package dev.turnout.config;

import org.jspecify.annotations.NullMarked;
