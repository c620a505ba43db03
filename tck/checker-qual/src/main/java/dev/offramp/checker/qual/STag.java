package dev.offramp.checker.qual;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.checkerframework.framework.qual.SubtypeOf;

/**
 * A steering tag (RFC 5041, section 4.2): 32 bits of index and key. May be taken apart; may not be
 * mixed with numbers of another kind.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER})
@SubtypeOf({AnyNumber.class})
public @interface STag {}
