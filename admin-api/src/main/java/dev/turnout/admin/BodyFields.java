package dev.turnout.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The fields of one object within a body. What is wrong goes to the faults, under its place, and
 * a default stands for it until they are told.
 */
final class BodyFields {

    private static final int LONGEST_TEXT = 1000;

    private final JsonNode json;
    private final String place;
    private final Faults faults;
    private final Set<String> known = new HashSet<>();

    /** @param place where the object is, as a JSON pointer without its first slash */
    BodyFields(JsonNode json, String place, Faults faults) {
        this.json = json;
        this.place = place;
        this.faults = faults;
        if (!json.isObject()) {
            faults.at(place, "expected: an object");
        }
    }

    /** Whether that field was asked for. */
    boolean knows(String name) {
        return known.contains(name);
    }

    boolean has(String name) {
        return json.has(name);
    }

    /** Whether that is so, asked beforehand. */
    boolean isTrue(String name) {
        return json.path(name).booleanValue();
    }

    double number(String name, double otherwise, double least, double most) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            wrong(name, "expected: a number from " + plain(least) + " to " + plain(most));
            return otherwise;
        }
        return value.doubleValue();
    }

    long whole(String name, long otherwise, long least, long most) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            wrong(name, "expected: a whole number from " + least + " to " + most);
            return otherwise;
        }
        return value.longValue();
    }

    /** Percent with at most two decimals, in hundredths. */
    int percent(String name, int otherwise, int mostHundredths) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        double hundredths = value.isNumber() ? value.doubleValue() * 100 : -1;
        int rounded = (int) Math.round(hundredths);
        if (!(hundredths >= 0 && hundredths <= mostHundredths) || Math.abs(hundredths - rounded) > 1e-6) {
            wrong(name, "expected: percent from 0 to " + plain(mostHundredths / 100.0) + ", in steps of 0.01");
            return otherwise;
        }
        return rounded;
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            wrong(name, "expected: true or false");
            return otherwise;
        }
        return value.booleanValue();
    }

    Duration duration(String name, Duration otherwise, Duration most) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        Optional<Duration> read = value.isTextual() ? DurationText.parse(value.textValue()) : Optional.empty();
        if (read.isEmpty() || read.get().compareTo(most) > 0) {
            wrong(name, read.isEmpty() ? DurationText.EXPECTED : "expected: at most " + DurationText.of(most));
            return otherwise;
        }
        return read.get();
    }

    String text(String name, String otherwise, String expected, Function<String, Boolean> isGood) {
        JsonNode value = take(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isTextual() || value.textValue().length() > LONGEST_TEXT || !isGood.apply(value.textValue())) {
            wrong(name, "expected: " + expected);
            return otherwise;
        }
        return value.textValue();
    }

    /** Each element of a list, with its place; a list that is missing is empty. */
    <T> List<T> list(String name, int most, Element<T> reader) {
        JsonNode value = take(name);
        List<T> list = new ArrayList<>();
        if (value == null) {
            return list;
        }
        if (!value.isArray() || value.size() > most) {
            wrong(name, "expected: a list of at most " + most);
            return list;
        }
        for (int i = 0; i < value.size(); i++) {
            T read = reader.read(value.get(i), place(name) + "/" + i);
            if (read != null) {
                list.add(read);
            }
        }
        return list;
    }

    /** Confined to one event loop. Reads an element of a list; null if it is wrong and that was told. */
    @FunctionalInterface
    interface Element<T> {
        @Nullable
        T read(JsonNode value, String place);
    }

    /** A list of texts. */
    List<String> texts(String name, int most, String expected) {
        return list(name, most, (value, at) -> {
            if (!value.isTextual() || value.textValue().length() > LONGEST_TEXT) {
                faults.at(at, "expected: " + expected);
                return null;
            }
            return value.textValue();
        });
    }

    /** The fields of an object in a field; null if there is none. */
    @Nullable
    BodyFields object(String name) {
        JsonNode value = take(name);
        return value == null ? null : new BodyFields(value, place(name), faults);
    }

    void wrong(String name, String message) {
        faults.at(place(name), message);
    }

    Faults faults() {
        return faults;
    }

    /** Ends the reading: a field nobody asked for is wrong. */
    void checkUnknown() {
        json.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                wrong(name, "unknown field");
            }
        });
    }

    private String place(String name) {
        return place.isEmpty() ? name : place + "/" + name;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /** A null is a value, and a wrong one. */
    private @Nullable JsonNode take(String name) {
        known.add(name);
        return json.get(name);
    }
}
