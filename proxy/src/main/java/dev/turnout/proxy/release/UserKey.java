package dev.turnout.proxy.release;

import dev.turnout.proxy.request.RequestHead;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. Where it is looked up who the user of a request is.
 *
 * @param name of the cookie, or of the field in lower case; empty for an address
 */
public record UserKey(Source source, String name) {

    /** What a request can be known by. */
    public enum Source {
        COOKIE,
        HEADER,
        ADDRESS
    }

    /** For messages. */
    public static final String EXPECTED = "expected: cookie:NAME, header:NAME or address";

    private static final int LONGEST_NAME = 128;

    public UserKey {
        Objects.requireNonNull(source);
        Objects.requireNonNull(name);
    }

    /** Reads {@code cookie:uid}, {@code header:X-User} or {@code address}; empty if it is none of them. */
    public static Optional<UserKey> parse(String text) {
        if (text.equals("address")) {
            return Optional.of(new UserKey(Source.ADDRESS, ""));
        }
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        if (colon < 0 || !isToken(name)) {
            return Optional.empty();
        }
        return switch (text.substring(0, colon)) {
            case "cookie" -> Optional.of(new UserKey(Source.COOKIE, name));
            case "header" -> Optional.of(new UserKey(Source.HEADER, name.toLowerCase(Locale.ROOT)));
            default -> Optional.empty();
        };
    }

    /** Who it is; null if the request does not tell. */
    public @Nullable String of(RequestHead request) {
        String key =
                switch (source) {
                    case COOKIE -> request.cookie(name);
                    case HEADER -> request.field(name);
                    case ADDRESS -> request.clientAddress().getHostAddress();
                };
        return key == null || key.isEmpty() ? null : key;
    }

    /** RFC 9110 section 5.6.2, which names of fields and of cookies are. */
    static boolean isToken(String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            return false;
        }
        return name.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return source == Source.ADDRESS ? "address" : source.name().toLowerCase(Locale.ROOT) + ":" + name;
    }
}
