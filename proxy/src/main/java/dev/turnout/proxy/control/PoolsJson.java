package dev.turnout.proxy.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.control.SavedPool.SavedBackend;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.PoolEdit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Immutable. Pools that were edited at run time, and what names were found to lead to, and the backends that are drained, in the state file. */
final class PoolsJson {

    private PoolsJson() {}

    /** The drained are in there for the sake of versions that look for them nowhere else. */
    static void write(List<SavedPool> pools, SavedDrains drains, ArrayNode array) {
        for (SavedPool pool : pools) {
            ObjectNode node = array.addObject()
                    .put("colour", pool.colour().name())
                    .put("version", pool.edit().version())
                    .put("definition", pool.edit().definition());
            Set<BackendAddress> drained = new HashSet<>(drains.of(pool.colour()));
            ArrayNode backends = node.putArray("backends");
            for (SavedBackend backend : pool.backends()) {
                backends.addObject()
                        .put("address", backend.address().toString())
                        .put("weight", backend.weight())
                        .put("drained", drained.remove(backend.address()));
            }
            for (NamedBackends named : pool.names()) {
                backends.addObject()
                        .put("address", named.name().toString())
                        .put("weight", named.weight())
                        .put("drained", false);
            }
            if (!drained.isEmpty()) {
                ArrayNode others = node.putArray("drained");
                drained.stream().map(BackendAddress::toString).sorted().forEach(others::add);
            }
        }
    }

    static void writeDrains(SavedDrains drains, ObjectNode tree) {
        for (Colour colour : Colour.values()) {
            if (!drains.of(colour).isEmpty()) {
                ArrayNode array = tree.putArray(colour.name());
                drains.of(colour).stream()
                        .map(BackendAddress::toString)
                        .sorted()
                        .forEach(array::add);
            }
        }
    }

    /** @param pools where older versions wrote them, of edited pools alone */
    static SavedDrains readDrains(JsonNode tree, JsonNode pools) {
        Map<Colour, Set<BackendAddress>> drained = new EnumMap<>(Colour.class);
        for (JsonNode pool : pools) {
            Set<BackendAddress> addresses = new HashSet<>();
            pool.path("drained").forEach(each -> addAddress(each.asText(), addresses));
            for (JsonNode backend : pool.required("backends")) {
                if (backend.path("drained").asBoolean()) {
                    addAddress(backend.required("address").asText(), addresses);
                }
            }
            drained.put(Colour.valueOf(pool.required("colour").asText()), addresses);
        }
        tree.properties().forEach(each -> {
            Set<BackendAddress> addresses = new HashSet<>();
            each.getValue().forEach(address -> addAddress(address.asText(), addresses));
            drained.put(Colour.valueOf(each.getKey()), addresses);
        });
        return new SavedDrains(drained);
    }

    /** A name was an address to older versions; what it leads to now may be others than the one that was drained. */
    private static void addAddress(String place, Set<BackendAddress> addresses) {
        if (!BackendName.isName(place)) {
            addresses.add(BackendAddress.parse(place));
        }
    }

    static List<SavedPool> read(JsonNode array) {
        List<SavedPool> pools = new ArrayList<>();
        for (JsonNode node : array) {
            List<SavedBackend> backends = new ArrayList<>();
            List<NamedBackends> names = new ArrayList<>();
            for (JsonNode backend : node.required("backends")) {
                String place = backend.required("address").asText();
                int weight = backend.required("weight").asInt();
                if (BackendName.isName(place)) {
                    names.add(new NamedBackends(BackendName.parse(place), weight));
                    continue;
                }
                backends.add(new SavedBackend(BackendAddress.parse(place), weight));
            }
            pools.add(new SavedPool(
                    Colour.valueOf(node.required("colour").asText()),
                    new PoolEdit(
                            node.required("version").asText(),
                            node.required("definition").asText()),
                    backends,
                    names));
        }
        return pools;
    }

    static void writeNames(List<SavedName> names, ArrayNode array) {
        for (SavedName each : names) {
            ArrayNode found = array.addObject()
                    .put("colour", each.colour().name())
                    .put("name", each.name().toString())
                    .putArray("found");
            for (Found one : each.found()) {
                found.addObject()
                        .put("address", one.address().toString())
                        .put("weight", one.weight())
                        .put("priority", one.priority())
                        .put("authority", one.authority());
            }
        }
    }

    static List<SavedName> readNames(JsonNode array) {
        List<SavedName> names = new ArrayList<>();
        for (JsonNode node : array) {
            List<Found> found = new ArrayList<>();
            for (JsonNode one : node.required("found")) {
                found.add(new Found(
                        BackendAddress.parse(one.required("address").asText()),
                        one.required("weight").asInt(),
                        one.required("priority").asInt(),
                        one.required("authority").asText()));
            }
            names.add(new SavedName(
                    Colour.valueOf(node.required("colour").asText()),
                    BackendName.parse(node.required("name").asText()),
                    found));
        }
        return names;
    }
}
