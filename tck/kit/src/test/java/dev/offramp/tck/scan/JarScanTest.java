package dev.offramp.tck.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import dev.offramp.tck.rule.TransferRules;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the jar scan condemns, what it only reports, and what it leaves alone. */
final class JarScanTest {
  @ParameterizedTest
  @CsvSource({
    "P01, java/lang/foreign/Linker, nativeLinker, ()Ljava/lang/foreign/Linker;",
    "P01, java/lang/System, loadLibrary, (Ljava/lang/String;)V",
    "P02, java/nio/file/Files, readString, (Ljava/nio/file/Path;)Ljava/lang/String;",
    "P02, java/nio/channels/FileChannel, open, ()V",
    "P02, java/io/PrintWriter, <init>, (Ljava/lang/String;)V",
    "P03, java/nio/channels/SocketChannel, open, ()Ljava/nio/channels/SocketChannel;",
    "P03, java/net/http/HttpClient, newHttpClient, ()V",
    "P04, java/lang/ProcessBuilder, start, ()Ljava/lang/Process;",
    "P04, java/lang/Runtime, exec, (Ljava/lang/String;)Ljava/lang/Process;",
    "P05, java/lang/Thread, ofVirtual, ()V",
    "P05, java/util/concurrent/Executors, newCachedThreadPool, ()V",
    "P05, java/util/concurrent/CompletableFuture, runAsync, (Ljava/lang/Runnable;)V",
    "P06, java/lang/reflect/Field, setAccessible, (Z)V",
    "P06, sun/misc/Unsafe, getUnsafe, ()V",
    "P07, java/lang/System, exit, (I)V",
    "P07, java/lang/Runtime, halt, (I)V",
    "S20, java/lang/System, nanoTime, ()J",
    "P11, jdk/internal/misc/Unsafe, getUnsafe, ()V",
    "P11, dev/offramp/runtime/DefaultOfframp, open, ()V",
    "P11, dev/offramp/tck/run/Tck, version, ()V",
    "P11, java/lang/invoke/MethodHandles$Lookup, defineHiddenClass, ()V",
  })
  void aForbiddenCallBreaksItsRule(String id, String owner, String member, String descriptor) {
    ScanResult result =
        member.equals("<init>")
            ? constructing(owner, descriptor)
            : new TinyJar().calling(owner, member, descriptor).scan();
    assertThat(result.breaches()).containsOnlyKeys(RuleCatalogue.find(id));
    assertThat(result.breaches().get(RuleCatalogue.find(id)))
        .anySatisfy(place -> assertThat(place).contains("acme.Driver", owner.replace('/', '.')));
  }

  private static ScanResult constructing(String owner, String descriptor) {
    return new TinyJar()
        .type(
            "acme/Driver",
            body ->
                body.withMethodBody(
                    "work",
                    TinyJar.NOTHING,
                    ClassFile.ACC_STATIC,
                    code ->
                        code.new_(ClassDesc.ofInternalName(owner))
                            .dup()
                            .aconst_null()
                            .invokespecial(
                                ClassDesc.ofInternalName(owner),
                                "<init>",
                                MethodTypeDesc.ofDescriptor(descriptor))
                            .pop()
                            .return_()))
        .scan();
  }

  @ParameterizedTest
  @CsvSource({
    "java/lang/foreign/Arena, ofShared, ()Ljava/lang/foreign/Arena;",
    "java/util/concurrent/locks/LockSupport, parkNanos, (J)V",
    "java/util/concurrent/CompletableFuture, runAsync,"
        + " '(Ljava/lang/Runnable;Ljava/util/concurrent/Executor;)V'",
    "java/lang/Thread, onSpinWait, ()V",
    "java/lang/Thread, currentThread, ()Ljava/lang/Thread;",
    "java/io/PrintWriter, flush, ()V",
    "java/net/InetAddress, getByAddress, ([B)Ljava/net/InetAddress;",
    "dev/offramp/spi/SpiVersion, running, ()Ldev/offramp/spi/SpiVersion;",
    "dev/offramp/iwarp/mpa/MpaFrame, of, ()V",
    "acme/Other, exit, (I)V",
  })
  void anHonestCallBreaksNothing(String owner, String member, String descriptor) {
    assertThat(new TinyJar().calling(owner, member, descriptor).scan().breaches()).isEmpty();
  }

  /** The inherited method is the thread's, although the code names the vendor's class. */
  @Test
  void aMemberIsJudgedByWhereItComesFrom() {
    ScanResult result =
        new TinyJar()
            .type("acme/Worker", body -> body.withSuperclass(ClassDesc.of("java.lang.Thread")))
            .calling("acme/Worker", "startVirtualThread", "(Ljava/lang/Runnable;)V")
            .scan();
    assertThat(result.breaches()).containsOnlyKeys(PortRules.P05);
  }

  @Test
  void aClassForAnotherVersionOfJavaIsReadToo() {
    byte[] code =
        new TinyJar().calling("java/lang/System", "exit", "(I)V").bytes("acme/Driver.class");
    assertThat(new TinyJar().file("META-INF/versions/25/acme/Driver.class", code).scan().breaches())
        .containsOnlyKeys(PortRules.P07);
  }

  @Test
  void aNativeMethodNeedsNoCall() {
    ScanResult result =
        new TinyJar()
            .type(
                "acme/Jni",
                body ->
                    body.withMethod("poke", TinyJar.NOTHING, ClassFile.ACC_NATIVE, method -> {}))
            .scan();
    assertThat(result.breaches()).containsOnlyKeys(PortRules.P01);
  }

  @Test
  void whatIsNamedInATextCountsNextToReflection() {
    String forName = "(Ljava/lang/String;)Ljava/lang/Class;";
    TinyJar jar = new TinyJar().calling("java/lang/Class", "forName", forName);
    assertThat(jar.scan().breaches()).isEmpty();
    assertThat(jar.scan().notes()).anySatisfy(note -> assertThat(note).contains("reflection"));
    assertThat(jar.saying("java.lang.ProcessBuilder").scan().breaches())
        .containsOnlyKeys(PortRules.P04);
    assertThat(jar.saying("dev.offramp.tck.run.Tck").scan().breaches())
        .containsOnlyKeys(PortRules.P06);
    assertThat(new TinyJar().saying("java.lang.ProcessBuilder").scan().breaches()).isEmpty();
  }

  @Test
  void aModuleThatNobodyBringsIsNamed() {
    assertThat(
            new TinyJar()
                .module("acme", "java.base", "dev.offramp.spi", "dev.offramp.runtime")
                .scan()
                .breaches()
                .get(PortRules.P11))
        .singleElement()
        .asString()
        .contains("dev.offramp.runtime");
    assertThat(
            new TinyJar()
                .module("acme", "java.base", "java.logging", "dev.offramp.api", "dev.offramp.spi")
                .scan()
                .breaches())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localCommId", "RdmaCmId", "pkey", "startingPsn", "responderResources", "setSgidIndex",
        "rnrTimer", "ibvModifyQp", "path_rec", "timewaitExit", "serviceId", "qkey2Q_KEY",
      })
  void aStrongWordInANameBreaksL66(String name) {
    for (ScanResult result :
        List.of(
            new TinyJar().type("acme/" + name, body -> {}).scan(),
            new TinyJar()
                .type("acme/A", body -> body.withField(name, ConstantDescs.CD_int, TinyJar.PUBLIC))
                .scan(),
            new TinyJar()
                .type(
                    "acme/A",
                    body ->
                        body.withMethod(
                            name,
                            TinyJar.NOTHING,
                            ClassFile.ACC_PUBLIC | ClassFile.ACC_ABSTRACT,
                            m -> {}))
                .scan())) {
      assertThat(result.breaches()).containsKey(NamingRules.L66);
    }
  }

  /** Registers that a chip shares, masks, a vendor's commands, words of TCP and iWARP. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "srqIdx",
        "ROCEV2_RTO_POLICY",
        "gid",
        "qpId",
        "queuePair",
        "rdmaWrite",
        "FW_RI_RDMA_READ",
        "irdmaCqpOp",
        "pathMtu",
        "portNumber",
        "stagKeyMask",
        "aggregateMade",
        "processResponses",
        "invalidStag",
        "flowLabel",
        "hopLimit",
        "trafficClass",
        "retryCount",
        "ackTimeout",
        "handshake",
        "lapsed",
        "mapped",
        "IRDMA_AE_ROCE_RSP",
        "maxOrd",
        "terminateState",
      })
  void anHonestOrWeakWordBreaksNothing(String name) {
    ScanResult result =
        new TinyJar()
            .type(
                "acme/A",
                body ->
                    body.withField(name, ConstantDescs.CD_int, TinyJar.PUBLIC)
                        .withMethod(
                            name,
                            TinyJar.NOTHING,
                            ClassFile.ACC_PUBLIC | ClassFile.ACC_ABSTRACT,
                            m -> {}))
            .scan();
    assertThat(result.breaches()).isEmpty();
  }

  @Test
  void aConstantThatNamesASharedRegisterIsOnlyReported() {
    ScanResult result =
        new TinyJar()
            .type(
                "acme/Registers",
                body -> body.withField("QPC_PKEY_INDEX", ConstantDescs.CD_int, TinyJar.CONSTANT))
            .scan();
    assertThat(result.breaches()).isEmpty();
    assertThat(result.notes())
        .singleElement()
        .asString()
        .contains("QPC_PKEY_INDEX", "L06", "stays zero");
  }

  @Test
  void textsAreMessagesKeysOrSymbols() {
    assertThat(new TinyJar().saying("no path record for the peer").scan().breaches())
        .containsOnlyKeys(NamingRules.L70, AddressingRules.L05);
    assertThat(new TinyJar().saying("acme.rnr-retry").scan().breaches())
        .containsOnlyKeys(NamingRules.L71);
    assertThat(new TinyJar().saying("/dev/infiniband/uverbs0").scan().breaches())
        .containsKey(NamingRules.L67);
    assertThat(new TinyJar().saying("TCP_REPAIR_QUEUE").scan().breaches())
        .containsOnlyKeys(TransferRules.L73);
    assertThat(new TinyJar().saying("the STag [7] is not valid").scan().breaches()).isEmpty();
    assertThat(new TinyJar().saying("QKEY").scan().breaches()).isEmpty();
    assertThat(new TinyJar().saying("af_ib").scan().breaches())
        .containsOnlyKeys(NamingRules.L71, AddressingRules.L11);
  }

  @Test
  void whatCannotBeReadIsNotHidden() {
    byte[] type = new TinyJar().saying("x").bytes("acme/Text.class");
    assertThat(new TinyJar().file("data.bin", type).scan().breaches())
        .containsOnlyKeys(PortRules.P11);
    assertThat(new TinyJar().file("lib/more.jar", new byte[] {'P', 'K', 3, 4}).scan().breaches())
        .containsOnlyKeys(PortRules.P11);
    assertThat(new TinyJar().file("acme/No.class", new byte[] {1, 2, 3, 4}).scan().breaches())
        .containsOnlyKeys(PortRules.P11);
    assertThat(new TinyJar().file("x.dll", new byte[] {'M', 'Z', 0, 0}).scan().breaches())
        .containsOnlyKeys(PortRules.P01);
    assertThat(
            new TinyJar()
                .file(
                    "META-INF/MANIFEST.MF",
                    "Enable-Native-Access: acme\n".getBytes(StandardCharsets.UTF_8))
                .scan()
                .breaches())
        .containsOnlyKeys(PortRules.P01);
  }

  /** Every rule that the scan says it decides can be broken by something that stands above. */
  @Test
  void anEmptyJarBreaksNothing() {
    assertThat(new TinyJar().scan().breaches()).isEmpty();
    for (Rule rule : JarScan.DECIDES) {
      assertThat(rule.isTestable()).as(rule.id()).isTrue();
    }
  }
}
