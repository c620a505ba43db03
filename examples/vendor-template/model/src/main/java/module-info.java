/**
 * A model of the Acme A1. It has its own decoders and shares no class with the driver, so each can
 * judge the other. <b>A model, not silicon.</b>
 */
module com.acme.offramp.model {
  requires dev.offramp.models;
  requires static org.jspecify;

  provides dev.offramp.models.AdapterModelFactory with
      com.acme.offramp.model.AcmeModelFactory;
}
