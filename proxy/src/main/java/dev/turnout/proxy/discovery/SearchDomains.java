package dev.turnout.proxy.discovery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Immutable. The domains in which a short name is looked for, as resolv.conf(5) has it.
 *
 * @param domains without a dot at their ends, in the order they are tried
 * @param ndots dots from which on a name is tried as it is first
 */
record SearchDomains(List<String> domains, int ndots) {

    static final SearchDomains NONE = new SearchDomains(List.of(), 1);

    private static final int MOST_DOMAINS = 32;
    private static final int MOST_NDOTS = 15;

    SearchDomains {
        domains = List.copyOf(domains);
    }

    /** Those of that file; none if it cannot be read. */
    static SearchDomains of(Path resolvConf) {
        try {
            return parse(Files.readString(resolvConf, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return NONE;
        }
    }

    /** Of several lines with domains the last one holds; what is not understood is left out. */
    static SearchDomains parse(String text) {
        List<String> domains = List.of();
        int ndots = 1;
        for (String line : text.lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words[0].equals("search") || words[0].equals("domain")) {
                domains = domains(words);
            } else if (words[0].equals("options")) {
                ndots = ndots(words, ndots);
            }
        }
        return new SearchDomains(domains, ndots);
    }

    private static List<String> domains(String[] words) {
        List<String> domains = new ArrayList<>();
        for (int i = 1; i < words.length && domains.size() < MOST_DOMAINS; i++) {
            String domain = words[i].endsWith(".") ? words[i].substring(0, words[i].length() - 1) : words[i];
            if (!domain.isEmpty()) {
                domains.add(domain);
            }
        }
        return domains;
    }

    private static int ndots(String[] words, int otherwise) {
        int ndots = otherwise;
        for (String word : words) {
            if (word.matches("ndots:[0-9]{1,4}")) {
                ndots = Math.min(MOST_NDOTS, Integer.parseInt(word.substring("ndots:".length())));
            }
        }
        return ndots;
    }

    /** The names that are asked for in place of that one, in this order; one that ends with a dot is whole. */
    List<String> names(String name) {
        if (name.endsWith(".")) {
            return List.of(name);
        }
        List<String> names = new ArrayList<>();
        domains.forEach(domain -> names.add(name + "." + domain + "."));
        boolean first = name.chars().filter(each -> each == '.').count() >= ndots;
        names.add(first ? 0 : names.size(), name + ".");
        return names;
    }
}
