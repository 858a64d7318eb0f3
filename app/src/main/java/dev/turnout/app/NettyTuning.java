package dev.turnout.app;

import dev.turnout.config.LimitSettings;

/** Immutable. What Netty reads once, from system properties, when its classes are loaded. */
final class NettyTuning {

    private NettyTuning() {}

    /** Sets the properties; to be called before any class of Netty is touched. What the user set with -D stays. */
    static void apply(LimitSettings limits) {
        // Without it Netty takes the size of the heap for the bound.
        preset("io.netty.maxDirectMemory", Long.toString(limits.directMemory()));
        // Leak detection costs a sample of all buffers and is the tests' affair.
        preset("io.netty.leakDetection.level", "disabled");
    }

    private static void preset(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }
}
