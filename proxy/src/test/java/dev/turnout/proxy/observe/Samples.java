package dev.turnout.proxy.observe;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Immutable. Reads the text that Prometheus gets. */
final class Samples {

    private static final Pattern SAMPLE = Pattern.compile("([a-z_0-9]+(?:\\{.*})?) (\\S+)");

    private Samples() {}

    /** Values by name and labels, as in {@code turnout_active{colour="blue"}}. */
    static Map<String, Double> of(String scrape) {
        Map<String, Double> samples = new TreeMap<>();
        for (String line : scrape.lines().toList()) {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches()) {
                samples.put(sample.group(1), Double.valueOf(sample.group(2)));
            }
        }
        return samples;
    }
}
