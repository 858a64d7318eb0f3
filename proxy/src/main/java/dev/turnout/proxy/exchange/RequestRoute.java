package dev.turnout.proxy.exchange;

import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.release.Bucket;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.release.Stickiness;
import dev.turnout.proxy.routing.Pool;
import dev.turnout.proxy.routing.RoutingTable;
import dev.turnout.proxy.routing.StickyTable;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Which colour one request goes to. Asked anew with each table; what was drawn for the request
 * stays drawn.
 */
final class RequestRoute {

    private static final SecureRandom IDS = new SecureRandom();
    private static final int ID_BYTES = 16;
    /** A year, in seconds. */
    private static final long COOKIE_AGE = 31_536_000;

    private final ExchangeRecord record;
    private final boolean preview;

    /** The release that the fields below were found for. */
    private @Nullable Release release;

    private @Nullable String user;
    private long userHash;
    private int bucket = -1;
    private @Nullable String issued;
    /** Whatever else is said: the colour it was brought to after the first one failed it. */
    private @Nullable Colour diverted;

    /** The colour that had nobody for it. */
    private @Nullable Colour without;

    RequestRoute(ExchangeRecord record, boolean preview) {
        this.record = record;
        this.preview = preview;
    }

    /** The colour by that table. */
    Colour choose(RoutingTable table) {
        Colour other = diverted;
        if (other != null) {
            return other;
        }
        if (preview) {
            record.routed = Routed.PREVIEW;
            return table.active().other();
        }
        Release current = table.release();
        if (current == null) {
            release = null;
            Colour idle = table.active().other();
            if (table.keepsUsers(idle) && named(table.pool(idle)) != null) {
                record.routed = Routed.STICKY;
                return idle;
            }
            record.routed = Routed.NORMAL;
            return table.active();
        }
        lookUp(current);
        Routed routed = current.route(record, user, bucket);
        Colour colour =
                routed.isCandidate() ? current.candidate() : current.candidate().other();
        if (colour == without) {
            record.routed = routed.isCandidate() ? Routed.CANDIDATE_UNAVAILABLE : Routed.BASELINE_UNAVAILABLE;
            return colour.other();
        }
        record.routed = routed;
        return colour;
    }

    /** The candidate that a cookie of its names; null if none does. */
    @Nullable
    Backend named(Pool pool) {
        StickyTable sticky = pool.sticky();
        return sticky == null ? null : record.named(sticky);
    }

    private void lookUp(Release current) {
        if (release != null && release.id().equals(current.id())) {
            release = current;
            return;
        }
        release = current;
        Stickiness sticky = current.plan().sticky();
        user = sticky.userOf(record);
        if (user == null && sticky.issueCookie() && current.usesBoth()) {
            byte[] id = new byte[ID_BYTES];
            IDS.nextBytes(id);
            issued = HexFormat.of().formatHex(id);
            user = issued;
        }
        if (user == null) {
            userHash = 0;
            if (bucket < 0) {
                bucket = ThreadLocalRandom.current().nextInt(Bucket.COUNT);
            }
        } else {
            userHash = Bucket.hash(current.id(), user);
            bucket = Bucket.of(userHash);
        }
    }

    /** The release it was routed by; null if there was none. */
    @Nullable
    Release release() {
        return release;
    }

    /** Who it is for, as the judge counts users: those who have just got their cookie are not known again. 0 if unknown. */
    long userHash() {
        return issued == null ? userHash : 0;
    }

    /**
     * That colour has nobody to serve it: the other one will. Returns false if that had nobody either, or may not: while the
     * new colour is a canary it gets nobody but those who are meant for it.
     */
    boolean leave(Colour colour) {
        if (release == null || !release.usesBoth() || without != null || diverted != null || preview) {
            return false;
        }
        if (release.phase() == Release.Phase.CANARY && colour != release.candidate()) {
            return false;
        }
        without = colour;
        return true;
    }

    /** Immutable. What {@link #choose}, {@link #leave} and {@link #divert} have made of it. */
    record Standing(
            Routed routed,
            @Nullable Colour without,
            @Nullable Colour diverted) {}

    /** As it is now. */
    Standing standing() {
        return new Standing(record.routed, without, diverted);
    }

    /** It stays where it was: what was found since was of no use. */
    void restore(Standing before) {
        record.routed = before.routed();
        without = before.without();
        diverted = before.diverted();
    }

    /** From now on to that colour. */
    void divert(Colour to) {
        diverted = to;
    }

    boolean isDiverted() {
        return diverted != null;
    }

    /** Whether a request of the new colour of a release that fails there is served by the old one. */
    boolean mayFallBack() {
        Release current = release;
        return current != null
                && current.plan().fallback()
                && current.usesBoth()
                && record.routed.isCandidate()
                && !isDiverted();
    }

    /** Whether its user was unknown and gets a cookie. */
    boolean issuesCookie() {
        return issued != null;
    }

    /** The value of a Set-Cookie field for a user who was unknown; null if there is none to be set. */
    @Nullable
    String setCookie(boolean secure) {
        if (issued == null) {
            return null;
        }
        return Stickiness.OURS.name() + "=" + issued + "; Path=/; Max-Age=" + COOKIE_AGE + "; HttpOnly; SameSite=Lax"
                + (secure ? "; Secure" : "");
    }
}
