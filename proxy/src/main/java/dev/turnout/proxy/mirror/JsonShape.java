package dev.turnout.proxy.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. Which fields a JSON text has, and of what types: {@code $.items[].id} is {@code number}. All elements of a list
 * count as one; a field that is of one type here and of another there has both.
 */
final class JsonShape {

    private static final int DEEPEST = 64;
    private static final int MOST_PATHS = 2000;
    private static final int LONGEST_PATH = 1000;
    private static final long LARGEST_UNPACKED = 8L << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxDocumentLength(LARGEST_UNPACKED)
                    .maxNameLength(LONGEST_PATH)
                    .build())
            .build();

    private JsonShape() {}

    /**
     * Types by path.
     *
     * @param coding the content coding, which may be empty
     * @throws IOException if it cannot be read: no JSON, too deep, packed in a way that is not known
     */
    static SortedMap<String, String> of(byte[] text, String coding) throws IOException {
        SortedMap<String, Set<String>> types = new TreeMap<>();
        try (JsonParser parser = FACTORY.createParser(unpacked(text, coding))) {
            read(parser, types);
        }
        SortedMap<String, String> shape = new TreeMap<>();
        types.forEach((path, all) -> shape.put(path, String.join("|", all)));
        return shape;
    }

    /** What differs, at most so many of them. */
    static List<String> differences(SortedMap<String, String> one, SortedMap<String, String> other, int most) {
        List<String> found = new ArrayList<>();
        TreeSet<String> paths = new TreeSet<>(one.keySet());
        paths.addAll(other.keySet());
        for (String path : paths) {
            String here = one.getOrDefault(path, "missing");
            String there = other.getOrDefault(path, "missing");
            if (!here.equals(there) && found.size() < most) {
                found.add("json " + path + ": " + here + " / " + there);
            }
        }
        return found;
    }

    private static InputStream unpacked(byte[] text, String coding) throws IOException {
        InputStream plain = new ByteArrayInputStream(text);
        return switch (coding.toLowerCase(Locale.ROOT)) {
            case "", "identity" -> plain;
            case "gzip", "x-gzip" -> new GZIPInputStream(plain);
            default -> throw new IOException("content coding " + coding);
        };
    }

    private static void read(JsonParser parser, SortedMap<String, Set<String>> types) throws IOException {
        Deque<String> parents = new ArrayDeque<>();
        String at = "$";
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.FIELD_NAME) {
                at = bounded(Objects.requireNonNull(parents.peek()) + "." + parser.currentName());
            } else if (token.isStructEnd()) {
                parents.pop();
                at = elementOf(parents);
            } else {
                note(types, at, typeOf(token));
                if (token.isStructStart()) {
                    parents.push(token == JsonToken.START_ARRAY ? bounded(at + "[]") : at);
                    at = elementOf(parents);
                }
            }
        }
        if (types.isEmpty()) {
            throw new IOException("nothing");
        }
    }

    private static String elementOf(Deque<String> parents) {
        @Nullable String parent = parents.peek();
        return parent == null ? "$" : parent;
    }

    private static String bounded(String path) throws IOException {
        if (path.length() > LONGEST_PATH) {
            throw new IOException("a path of more than " + LONGEST_PATH + " characters");
        }
        return path;
    }

    private static void note(SortedMap<String, Set<String>> types, String path, String type) throws IOException {
        types.computeIfAbsent(path, added -> new TreeSet<>()).add(type);
        if (types.size() > MOST_PATHS) {
            throw new IOException("more than " + MOST_PATHS + " fields");
        }
    }

    private static String typeOf(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "object";
            case START_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
            case VALUE_TRUE, VALUE_FALSE -> "boolean";
            default -> "null";
        };
    }
}
