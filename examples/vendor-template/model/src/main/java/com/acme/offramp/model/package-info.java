/** The model of the Acme A1. Begin with {@link com.acme.offramp.model.AcmeModel}. */
@org.jspecify.annotations.NullMarked
package com.acme.offramp.model;
