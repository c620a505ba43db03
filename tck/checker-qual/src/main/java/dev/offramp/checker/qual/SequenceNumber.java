package dev.offramp.checker.qual;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.checkerframework.framework.qual.SubtypeOf;

/**
 * A TCP sequence number (RFC 9293, section 3.4): 32 bits, modulo 2^32. It may not be cut to fewer
 * bits (a 24-bit packet sequence number is the classic leak), compared by {@code <}, or mixed with
 * numbers of another kind. The difference of two is a plain number.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER})
@SubtypeOf({AnyNumber.class})
public @interface SequenceNumber {}
