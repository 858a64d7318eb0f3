package dev.turnout.config;

import java.util.Locale;
import java.util.Objects;

/**
 * Immutable. By what the requests are told apart that are to meet the same backend each time.
 *
 * @param name of the field or cookie; empty where there is none to be named
 * @param tableSize slots of the table in which backends share the keys; a prime number
 */
public record HashSettings(Key on, String name, int tableSize) {

    /** By the client's address. */
    public static final HashSettings DEFAULT = new HashSettings(Key.CLIENT_ADDRESS, "", 65_537);

    /** What of a request is hashed. */
    public enum Key {
        /** The address of the client, of IPv6 its /64 network. */
        CLIENT_ADDRESS(false),
        /** The first value of a field. */
        HEADER(true),
        /** The value of a cookie. */
        COOKIE(true),
        /** The path of the target, without its query. */
        PATH(false);

        private final boolean named;

        Key(boolean named) {
            this.named = named;
        }

        /** Whether it takes a name to say which. */
        public boolean isNamed() {
            return named;
        }

        /** As it stands in the configuration. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public HashSettings {
        Objects.requireNonNull(on);
        Objects.requireNonNull(name);
        if (!isPrime(tableSize)) {
            throw new IllegalArgumentException("table-size: " + tableSize + " (expected: a prime number)");
        }
    }

    static boolean isPrime(int number) {
        for (int i = 2; (long) i * i <= number; i++) {
            if (number % i == 0) {
                return false;
            }
        }
        return number > 1;
    }
}
