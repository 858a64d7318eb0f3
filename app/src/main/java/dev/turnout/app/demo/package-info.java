/** The demo's backends: real HTTP servers inside this process that can be told to misbehave. */
@NullMarked
package dev.turnout.app.demo;

import org.jspecify.annotations.NullMarked;
