package dev.offramp.checker.qual;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.checkerframework.framework.qual.SubtypeOf;

/**
 * A value that the IP stack gave: an address, a port, a sequence number, a window, an MSS. It may
 * not flow into a {@link FromCm}. The descriptor of a connection and the JDK's sockets are known by
 * stub files; what is computed from such a value is one.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER})
@SubtypeOf({UnknownProvenance.class})
public @interface FromIpStack {}
