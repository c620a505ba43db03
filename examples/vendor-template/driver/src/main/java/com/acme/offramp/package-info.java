/**
 * The driver of the Acme A1, an adapter that does not exist. Begin with {@link
 * com.acme.offramp.AcmeDriver}; the adapter's manual is {@link com.acme.offramp.Registers}, {@link
 * com.acme.offramp.AdminCommand}, {@link com.acme.offramp.Context} and {@link
 * com.acme.offramp.Rings}.
 */
@org.jspecify.annotations.NullMarked
package com.acme.offramp;
