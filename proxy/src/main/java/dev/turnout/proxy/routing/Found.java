package dev.turnout.proxy.routing;

import dev.turnout.config.BackendAddress;
import java.util.Objects;

/**
 * Immutable. One backend that a name was found to lead to.
 *
 * @param weight 1..100, of the records; where those have none, the one that stands beside the name counts and not this
 * @param priority of the records, 0..65535: of those of one name, the backends with the lowest that are usable get the requests
 * @param authority what a probe says in its Host field: name and port
 */
public record Found(BackendAddress address, int weight, int priority, String authority) {

    public Found {
        Objects.requireNonNull(address);
        Objects.requireNonNull(authority);
        if (!authority.chars().allMatch(each -> each > ' ' && each < 0x7f)) {
            throw new IllegalArgumentException("authority: " + authority + " (expected: a name and a port)");
        }
        if (weight < 1 || weight > 100) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1..100)");
        }
        if (priority < 0 || priority > 65_535) {
            throw new IllegalArgumentException("priority: " + priority + " (expected: 0..65535)");
        }
    }
}
