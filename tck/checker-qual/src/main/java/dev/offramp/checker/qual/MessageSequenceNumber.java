package dev.offramp.checker.qual;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.checkerframework.framework.qual.SubtypeOf;

/**
 * An MSN of a DDP queue (RFC 5041, section 4.3): 32 bits, modulo 2^32, first 1. The rules of {@link
 * SequenceNumber} hold for it.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER})
@SubtypeOf({AnyNumber.class})
public @interface MessageSequenceNumber {}
