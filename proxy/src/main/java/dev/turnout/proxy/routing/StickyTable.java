package dev.turnout.proxy.routing;

import dev.turnout.config.StickySettings;
import dev.turnout.config.StickySettings.Secure;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.KeyHash;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. Which cookie names which backend of a pool. The value is a keyed hash of colour and address: it tells neither, and
 * is the same in every instance that has the key.
 */
public final class StickyTable {

    private static final int TOKEN_BYTES = 12;

    private final StickySettings settings;
    /** Hashes of the values, sorted: a map would make a {@link Long} for each request that has the cookie. */
    private final long[] hashes;
    /** Whom the hash at the same place names. */
    private final Backend[] named;

    private final Map<Backend, String> cookies = new HashMap<>();

    StickyTable(StickySettings settings, List<Backend> backends) {
        this.settings = settings;
        String attributes = attributes(settings);
        SortedMap<Long, Backend> byHash = new TreeMap<>();
        for (Backend backend : backends) {
            String token = token(settings.secret(), backend);
            byHash.put(KeyHash.of(token), backend);
            cookies.put(backend, settings.cookie() + "=" + token + attributes);
        }
        hashes = byHash.keySet().stream().mapToLong(hash -> hash).toArray();
        named = byHash.values().toArray(Backend[]::new);
    }

    /** Name of the cookie. */
    public String cookie() {
        return settings.cookie();
    }

    /** The candidate that a cookie of that hash names; null if it names none. */
    public @Nullable Backend find(long hash) {
        int at = hash == KeyHash.NONE ? -1 : Arrays.binarySearch(hashes, hash);
        return at < 0 ? null : named[at];
    }

    /** The value of a Set-Cookie field that names that backend; null if it is no candidate. */
    public @Nullable String setCookie(Backend backend, boolean https) {
        String cookie = cookies.get(backend);
        boolean secure = settings.secure() == Secure.ON || (settings.secure() == Secure.AUTO && https);
        return cookie != null && secure ? cookie + "; Secure" : cookie;
    }

    static String token(String secret, Backend backend) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] hash =
                    mac.doFinal((backend.colour().label() + " " + backend.address()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, TOKEN_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static String attributes(StickySettings settings) {
        StringBuilder text = new StringBuilder("; Path=").append(settings.path());
        settings.maxAge().ifPresent(age -> text.append("; Max-Age=").append(age.toSeconds()));
        if (settings.httpOnly()) {
            text.append("; HttpOnly");
        }
        return text.append("; SameSite=").append(settings.sameSite().value()).toString();
    }
}
