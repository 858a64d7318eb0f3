package dev.turnout.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one event loop. Says who a caller is. The token file is looked at again at most once a second, and read
 * again when it has changed; while it is broken the last good entries stay in force.
 */
final class AdminAuth {

    private static final Logger LOG = LoggerFactory.getLogger(AdminAuth.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String SCHEME = "Bearer ";

    /** Immutable. Who calls, and what that one may do. */
    record Caller(String name, Role role) {

        private static final Caller ANONYMOUS = new Caller("anonymous", Role.ADMIN);
        private static final Caller STRANGER = new Caller("anonymous", Role.NOBODY);

        Caller {
            Objects.requireNonNull(name);
            Objects.requireNonNull(role);
        }
    }

    private final @Nullable Path file;
    private final LongSupplier nanoTime;
    private List<TokenFile.Entry> entries;
    private String stamp;
    private long lookedAt;

    /**
     * @param tokenFile empty lets everybody in as admin, which is for loopback alone
     * @throws IOException if the file is broken from the beginning
     */
    AdminAuth(Optional<Path> tokenFile, LongSupplier nanoTime) throws IOException {
        this.file = tokenFile.orElse(null);
        this.nanoTime = nanoTime;
        this.lookedAt = nanoTime.getAsLong();
        this.stamp = file == null ? "" : stampOf(file);
        this.entries = file == null ? List.of() : TokenFile.read(file);
    }

    /** The caller, who has at least the role asked for. */
    Caller require(Role role, HttpHeaders headers) throws Problem {
        if (file == null) {
            return Caller.ANONYMOUS;
        }
        if (role == Role.NOBODY) {
            return Caller.STRANGER;
        }
        lookAgain(file);
        Caller caller = identify(headers.get(HttpHeaderNames.AUTHORIZATION, ""));
        if (!caller.role().includes(role)) {
            throw new Problem(ProblemType.FORBIDDEN, "the role " + Json.word(role) + " is needed");
        }
        return caller;
    }

    private Caller identify(String authorization) throws Problem {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw unauthorized("expected: Authorization: Bearer <token>", "");
        }
        String presented = Sha256.hex(authorization.substring(SCHEME.length()).strip());
        TokenFile.Entry found = null;
        // All of them, found or not: how long it takes tells nothing.
        for (TokenFile.Entry entry : entries) {
            if (Sha256.isEqual(presented, entry.sha256())) {
                found = entry;
            }
        }
        if (found == null) {
            throw unauthorized("the token is not known here", ", error=\"invalid_token\"");
        }
        return new Caller(found.name(), found.role());
    }

    private static Problem unauthorized(String detail, String parameters) {
        return new Problem(ProblemType.UNAUTHORIZED, detail)
                .with("WWW-Authenticate", "Bearer realm=\"turnout\"" + parameters);
    }

    private void lookAgain(Path tokens) {
        long now = nanoTime.getAsLong();
        if (now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        String seen = stampOf(tokens);
        if (seen.equals(stamp)) {
            return;
        }
        try {
            entries = TokenFile.read(tokens);
            stamp = seen;
            LOG.info("token file {} read again: {} tokens", tokens, entries.size());
        } catch (IOException e) {
            LOG.error("token file cannot be used, the tokens read before stay in force: {}", e.getMessage());
        }
    }

    /** What differs when the file does; taken before it is read, so that a change in between is seen the next time. */
    private static String stampOf(Path tokens) {
        try {
            BasicFileAttributes seen = Files.readAttributes(tokens, BasicFileAttributes.class);
            return seen.lastModifiedTime() + " " + seen.size() + " " + seen.fileKey();
        } catch (IOException e) {
            return "unreadable";
        }
    }
}
