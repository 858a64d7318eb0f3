@NullMarked
package dev.turnout.proxy.webhook;

import org.jspecify.annotations.NullMarked;
