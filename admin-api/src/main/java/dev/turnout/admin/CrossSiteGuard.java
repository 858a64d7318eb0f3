package dev.turnout.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. Keeps web pages of others away from an admin API that trusts its network: against DNS rebinding a name in
 * Host must be known, against cross-site requests the Fetch metadata and the Origin that browsers send must be our own.
 */
final class CrossSiteGuard {

    private final Set<String> names;

    /** @param allowedHosts names besides {@code localhost}; IP literals cannot be rebound and always pass */
    CrossSiteGuard(List<String> allowedHosts) {
        this.names = allowedHosts.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    void check(AdminRequest request) throws Problem {
        HttpHeaders headers = request.headers();
        String host = headers.get(HttpHeaderNames.HOST);
        if (host == null || headers.getAll(HttpHeaderNames.HOST).size() > 1 || !isAllowed(host)) {
            throw new Problem(
                    ProblemType.HOST_NOT_ALLOWED,
                    "expected: an IP address, localhost or a name of admin.allowed-hosts in Host");
        }
        if (!isOwnOrigin(headers.getAll(HttpHeaderNames.ORIGIN), host)) {
            throw new Problem(ProblemType.CROSS_SITE, "Origin is not this server");
        }
        // Following a link from elsewhere to a page of ours is no harm; a command is.
        if (request.mayChange() && !isOwnFetch(headers.get("Sec-Fetch-Site"))) {
            throw new Problem(ProblemType.CROSS_SITE, "Sec-Fetch-Site is neither same-origin nor none");
        }
    }

    private boolean isAllowed(String host) {
        String name = withoutPort(host).toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            return NetUtil.isValidIpV6Address(name.substring(1, name.length() - 1));
        }
        return name.equals("localhost") || NetUtil.isValidIpV4Address(name) || names.contains(name);
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }

    private static boolean isOwnOrigin(List<String> origins, String host) {
        return origins.stream().allMatch(origin -> origin.equalsIgnoreCase("http://" + host));
    }

    private static boolean isOwnFetch(@Nullable String site) {
        return site == null || site.equals("same-origin") || site.equals("none");
    }
}
