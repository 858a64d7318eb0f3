package dev.turnout.proxy.routing;

import dev.turnout.config.BackendName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Immutable. Which backends of a name its records put first (RFC 2782): pure. */
final class Priorities {

    private Priorities() {}

    /** Of each name those with the lowest priority that is there, and all that have no name. */
    static List<Pool.Member> first(List<Pool.Member> members) {
        Map<BackendName, Integer> lowest = new HashMap<>();
        for (Pool.Member member : members) {
            member.name().ifPresent(name -> lowest.merge(name, member.priority(), Math::min));
        }
        if (lowest.isEmpty()) {
            return members;
        }
        return members.stream()
                .filter(member -> member.name()
                        .map(name -> member.priority() == lowest.getOrDefault(name, 0))
                        .orElse(true))
                .toList();
    }
}
