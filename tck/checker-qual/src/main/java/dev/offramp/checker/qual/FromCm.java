package dev.offramp.checker.qual;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;
import org.checkerframework.framework.qual.SubtypeOf;

/**
 * A value that an InfiniBand communication manager gave, or may be given. Put it on the parameters
 * of all that encodes for one, in drivers whose device also speaks RoCE or InfiniBand: nothing that
 * comes from the IP stack, and nothing of unknown provenance, compiles as its argument.
 *
 * <p>For a whole class: {@code @DefaultQualifier(value = FromCm.class, locations =
 * TypeUseLocation.PARAMETER)}.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER})
@SubtypeOf({UnknownProvenance.class})
public @interface FromCm {}
