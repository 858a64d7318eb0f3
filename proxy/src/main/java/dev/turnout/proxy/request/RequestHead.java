package dev.turnout.proxy.request;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. What balancers and routing rules may ask of a request; strings are made on demand. */
public interface RequestHead {

    String method();

    /** Host without port, lower case; empty if the request has none. */
    String host();

    /** Path of the target without query. */
    String path();

    /** First value of a field, by its name in lower case; null if absent. */
    @Nullable
    String field(String name);

    /** Value of a cookie; null if absent. */
    @Nullable
    String cookie(String name);

    /** Where the request came from, after trusted proxies have been believed. */
    InetAddress clientAddress();

    /** Hash of {@link #field}, made without a string; {@link KeyHash#NONE} if that is absent or empty. */
    long fieldHash(String name);

    /** Hash of {@link #cookie}, made without a string; {@link KeyHash#NONE} if that is absent or empty. */
    long cookieHash(String name);

    /** Hash of {@link #path}, made without a string. */
    long pathHash();

    /** {@link KeyHash#of(InetAddress)} of {@link #clientAddress}. */
    long clientHash();
}
