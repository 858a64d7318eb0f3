package dev.turnout.config;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Immutable. How names of backends are looked up, again and again.
 *
 * @param servers asked in this order; empty: those of {@code /etc/resolv.conf}
 * @param family which addresses of a name are backends
 * @param timeout for the answer of one server
 * @param minTtl the shortest time between two look-ups of a name, whatever its records say
 * @param maxTtl the longest one
 * @param absent what becomes of the backends of a name that does not resolve any more
 * @param hold how long it must not resolve for that
 */
public record DnsSettings(
        List<BackendAddress> servers,
        Family family,
        Duration timeout,
        Duration minTtl,
        Duration maxTtl,
        Absent absent,
        Duration hold) {

    /** Which addresses of a name are backends. */
    public enum Family {
        /** Those of IPv4; those of IPv6 if it has no other. */
        IPV4_FIRST("ipv4-first"),
        /** The other way round. */
        IPV6_FIRST("ipv6-first"),
        IPV4("ipv4"),
        IPV6("ipv6"),
        /** Both: a server with an address of each is two backends. */
        ALL("all");

        private final String label;

        Family(String label) {
            this.label = label;
        }

        /** As it stands in the configuration. */
        public String label() {
            return label;
        }
    }

    /** What becomes of the backends of a name that does not resolve any more. */
    public enum Absent {
        /** They stay, until it leads elsewhere. */
        KEEP("keep"),
        /** They are drained, and then gone. */
        DRAIN("drain");

        private final String label;

        Absent(String label) {
            this.label = label;
        }

        /** As it stands in the configuration. */
        public String label() {
            return label;
        }
    }

    public DnsSettings {
        servers = List.copyOf(servers);
        Objects.requireNonNull(family);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(minTtl);
        Objects.requireNonNull(maxTtl);
        Objects.requireNonNull(absent);
        Objects.requireNonNull(hold);
    }

    static DnsSettings read(Section dns) {
        DnsSettings settings = new DnsSettings(
                dns.texts("servers", "address:port or [v6]:port of a name server", BackendAddress::parse),
                dns.choice("family", Family.values(), Family::label),
                dns.duration("timeout", Duration.ofMillis(1), Duration.ofMinutes(1)),
                dns.duration("min-ttl", Duration.ofMillis(10), Duration.ofDays(1)),
                dns.duration("max-ttl", Duration.ofMillis(10), Duration.ofDays(1)),
                dns.choice("absent", Absent.values(), Absent::label),
                dns.duration("hold", Duration.ZERO, Duration.ofDays(1)));
        if (settings.maxTtl().compareTo(settings.minTtl()) < 0) {
            dns.clash("max-ttl", "min-ttl", "at least the min-ttl", Problem.Severity.ERROR);
        }
        return settings;
    }
}
