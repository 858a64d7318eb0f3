@NullMarked
package dev.turnout.proxy.release;

import org.jspecify.annotations.NullMarked;
