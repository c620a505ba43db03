/** Finding drivers: {@link dev.offramp.runtime.driver.DriverRegistry}. */
@NullMarked
package dev.offramp.runtime.driver;

import org.jspecify.annotations.NullMarked;
