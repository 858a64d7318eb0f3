package dev.turnout.proxy.release;

import dev.turnout.proxy.request.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. How users keep their colour.
 *
 * @param by where it is looked up who a user is, the first that is found
 * @param issueCookie whether an unknown user gets a cookie of ours to be known by
 * @param random whether each request draws anew and nobody is looked up
 */
public record Stickiness(List<UserKey> by, boolean issueCookie, boolean random) {

    /** The cookie that is issued; looked up last. */
    public static final UserKey OURS = new UserKey(UserKey.Source.COOKIE, "turnout_uid");

    /** Users are known by our cookie. */
    public static final Stickiness DEFAULT = new Stickiness(List.of(), true, false);

    public Stickiness {
        by = List.copyOf(by);
        if (random && (issueCookie || !by.isEmpty())) {
            throw new IllegalArgumentException("a random split looks nobody up");
        }
    }

    /** Who it is; null if that is unknown. */
    public @Nullable String userOf(RequestHead request) {
        if (random) {
            return null;
        }
        for (UserKey key : by) {
            String user = key.of(request);
            if (user != null) {
                return user;
            }
        }
        return issueCookie ? OURS.of(request) : null;
    }
}
