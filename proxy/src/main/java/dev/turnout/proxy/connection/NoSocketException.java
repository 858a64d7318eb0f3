package dev.turnout.proxy.connection;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Immutable. No socket could be had, for a reason that is this machine's or this process's: files, ports or memory are used up.
 * It says nothing of the backend.
 */
public final class NoSocketException extends IOException {

    private static final long serialVersionUID = 1;

    /** As Netty writes it for epoll and io_uring. */
    private static final Pattern ERRNO = Pattern.compile("failed with error\\(-(\\d+)\\)");

    /** ENOMEM, ENFILE, EMFILE, EADDRNOTAVAIL and ENOBUFS, of Linux. */
    private static final Set<Integer> SHORTAGES = Set.of(12, 23, 24, 99, 105);

    /** What the JDK says, which keeps the number to itself. */
    private static final List<String> TEXTS = List.of(
            "Too many open files",
            "Cannot assign requested address",
            "Can't assign requested address",
            "No buffer space available",
            "Cannot allocate memory");

    private static final int DEEPEST = 8;

    private NoSocketException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What it was that kept a connection from being opened: one of these if it was our own shortage, else {@code cause}. */
    public static Throwable orElse(Throwable cause) {
        Throwable link = cause;
        for (int depth = 0; link != null && depth < DEEPEST; depth++) {
            String message = link.getMessage();
            if (message != null && isShortage(message)) {
                return new NoSocketException(message, cause);
            }
            link = link.getCause();
        }
        return cause;
    }

    private static boolean isShortage(String message) {
        Matcher errno = ERRNO.matcher(message);
        return errno.find()
                ? SHORTAGES.contains(Integer.valueOf(errno.group(1)))
                : TEXTS.stream().anyMatch(message::contains);
    }
}
