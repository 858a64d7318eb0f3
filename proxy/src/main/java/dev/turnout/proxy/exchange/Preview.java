package dev.turnout.proxy.exchange;

import dev.turnout.config.PreviewSettings;
import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Immutable. Whether a request asks, with the secret, for the idle colour. */
final class Preview {

    private final byte @Nullable [] secret;
    private final String header;
    private final String cookie;

    Preview(PreviewSettings settings) {
        this.secret = settings.secret()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .orElse(null);
        this.header = settings.header().toLowerCase(Locale.ROOT);
        this.cookie = settings.cookie();
    }

    /** Takes the field with the secret out of the request: it is none of the backend's business. */
    boolean isAskedFor(Head request) {
        if (secret == null) {
            return false;
        }
        boolean asked = false;
        for (int i = 0; i < request.fieldCount(); i++) {
            if (!request.isDropped(i) && request.isNamed(i, header)) {
                asked |= isSecret(request.value(i));
                request.drop(i);
            }
        }
        String found = request.find(FieldName.COOKIE) < 0 ? null : Cookies.find(request, cookie);
        return asked || (found != null && isSecret(found));
    }

    private boolean isSecret(String text) {
        return MessageDigest.isEqual(secret, text.getBytes(StandardCharsets.UTF_8));
    }
}
