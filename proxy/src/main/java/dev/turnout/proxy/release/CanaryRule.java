package dev.turnout.proxy.release;

import dev.turnout.config.CidrBlock;
import dev.turnout.proxy.request.RequestHead;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Immutable. Whether a request is one of those that always, or never, get the new colour. */
public sealed interface CanaryRule {

    /** Any value of a field or cookie. */
    String ANY = "*";

    /**
     * Whether it is one of them.
     *
     * @param user who it is by the release's user keys, null if unknown
     */
    boolean matches(RequestHead request, @Nullable String user);

    /**
     * A request field.
     *
     * @param name in lower case
     * @param exact its first value, or {@value CanaryRule#ANY}
     */
    record Header(String name, String exact) implements CanaryRule {
        public Header {
            name = name.toLowerCase(Locale.ROOT);
            if (!UserKey.isToken(name)) {
                throw new IllegalArgumentException("no field name");
            }
            Objects.requireNonNull(exact);
        }

        @Override
        public boolean matches(RequestHead request, @Nullable String user) {
            return isExpected(exact, request.field(name));
        }
    }

    /**
     * A cookie.
     *
     * @param exact its value, or {@value CanaryRule#ANY}
     */
    record Cookie(String name, String exact) implements CanaryRule {
        public Cookie {
            if (!UserKey.isToken(name)) {
                throw new IllegalArgumentException("no cookie name");
            }
            Objects.requireNonNull(exact);
        }

        @Override
        public boolean matches(RequestHead request, @Nullable String user) {
            return isExpected(exact, request.cookie(name));
        }
    }

    /** Paths equal to the prefix or below it: {@code /api} matches {@code /api/users} and not {@code /apiary}. */
    record PathPrefix(String prefix) implements CanaryRule {
        public PathPrefix {
            if (!prefix.startsWith("/")) {
                throw new IllegalArgumentException("no path");
            }
        }

        @Override
        public boolean matches(RequestHead request, @Nullable String user) {
            String path = request.path();
            return path.startsWith(prefix)
                    && (path.length() == prefix.length()
                            || prefix.endsWith("/")
                            || path.charAt(prefix.length()) == '/');
        }
    }

    /** Clients of a network, after trusted proxies have been believed. */
    record Network(CidrBlock block) implements CanaryRule {
        public Network {
            Objects.requireNonNull(block);
        }

        @Override
        public boolean matches(RequestHead request, @Nullable String user) {
            return block.contains(request.clientAddress());
        }
    }

    /** Users by name. */
    record Users(Set<String> names) implements CanaryRule {
        public Users {
            names = Set.copyOf(names);
        }

        @Override
        public boolean matches(RequestHead request, @Nullable String user) {
            return user != null && names.contains(user);
        }
    }

    private static boolean isExpected(String exact, @Nullable String value) {
        return value != null && (exact.equals(ANY) || exact.equals(value));
    }
}
