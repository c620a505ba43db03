package dev.offramp.spi;

import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Test;

/** What every type that others compile against owes them. */
final class ApiHygieneTest {
  private static final int MIN_PUBLIC_TYPES = 80;

  private static final JavaClasses TYPES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.offramp.api", "dev.offramp.spi");

  /** Without this, every rule below could pass because nothing was found. */
  @Test
  void enoughTypesAreFound() {
    long publicTypes = TYPES.stream().filter(ApiHygieneTest::isPublicTopLevel).count();
    assertThat(publicTypes).isGreaterThanOrEqualTo(MIN_PUBLIC_TYPES);
    assertThat(TYPES.contain(RnicDriver.class)).isTrue();
    assertThat(TYPES.contain(dev.offramp.api.Offramp.class)).isTrue();
    assertThat(TYPES.contain(ApiHygieneTest.class)).isFalse();
  }

  @Test
  void publicTypesSayTheirStatusAndAge() {
    classes().that(are(PUBLIC_TOP_LEVEL)).should(SAY_STATUS_AND_AGE).check(TYPES);
  }

  @Test
  void whatNobodyNeedsIsNotPublic() {
    classes()
        .that()
        .haveSimpleNameEndingWith("Rules")
        .or()
        .haveSimpleNameEndingWith("Codec")
        .or()
        .haveSimpleNameEndingWith("Types")
        .or()
        .haveSimpleNameEndingWith("Loader")
        .should()
        .notBePublic()
        .check(TYPES);
  }

  @Test
  void packagesFormNoCycles() {
    slices()
        .matching("dev.offramp.(**)")
        .should()
        .beFreeOfCycles()
        // Two enums of MPA start-up are values of fields, while MPA's options hold Octets.
        .ignoreDependency(DESCRIPTOR_FIELDS_AND_RULES, MPA_VALUES)
        // Work that travels is told in the words of the operations, none of which knows more.
        .ignoreDependency(JavaClass.Predicates.resideInAPackage(DESCRIPTOR_PACKAGE), RDMA_VALUES)
        .check(TYPES);
  }

  @Test
  void fieldsAreFinal() {
    fields()
        .that()
        .areDeclaredInClassesThat(DescribedPredicate.not(BUILDERS))
        .should()
        .beFinal()
        .check(TYPES);
  }

  @Test
  void noStateIsExposed() {
    fields().that().arePublic().should().beStatic().andShould().beFinal().check(TYPES);
    noFields()
        .that()
        .areDeclaredInClassesThat(RECORDS)
        .and()
        .areNotStatic()
        .should()
        .haveRawType(ARRAY)
        .because("anyone could change what a record holds")
        .check(TYPES);
  }

  @Test
  void recordsCopyTheirCollections() {
    classes().that(RECORDS_OF_COLLECTIONS).should(COPY_COLLECTIONS).check(TYPES);
  }

  @Test
  void nobodyPrintsOrExits() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(TYPES);
  }

  private static boolean isPublicTopLevel(JavaClass type) {
    return type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC);
  }

  private static final DescribedPredicate<JavaClass> PUBLIC_TOP_LEVEL =
      DescribedPredicate.describe("public top-level types", ApiHygieneTest::isPublicTopLevel);

  private static final String DESCRIPTOR_PACKAGE = "dev.offramp.api.descriptor";

  private static final DescribedPredicate<JavaClass> DESCRIPTOR_FIELDS_AND_RULES =
      JavaClass.Predicates.resideInAPackage(DESCRIPTOR_PACKAGE)
          .and(DescribedPredicate.describe("fields and rules", ApiHygieneTest::isFieldsOrRules));

  private static final DescribedPredicate<JavaClass> MPA_VALUES =
      JavaClass.Predicates.type(MpaRole.class).or(JavaClass.Predicates.type(RtrKind.class));

  private static final DescribedPredicate<JavaClass> RDMA_VALUES =
      DescribedPredicate.describe("values of RDMA operations", ApiHygieneTest::isRdmaValue);

  private static boolean isRdmaValue(JavaClass type) {
    return Stream.of(
            Access.class,
            Completion.class,
            CompletionStatus.class,
            Operation.class,
            RemoteBuffer.class)
        .anyMatch(type::isEquivalentTo);
  }

  private static boolean isFieldsOrRules(JavaClass type) {
    return Set.of("DescriptorFields", "DescriptorRules").contains(type.getSimpleName());
  }

  private static final DescribedPredicate<JavaClass> BUILDERS =
      DescribedPredicate.describe("builders", type -> type.getSimpleName().equals("Builder"));

  private static final DescribedPredicate<JavaClass> RECORDS =
      DescribedPredicate.describe("records", JavaClass::isRecord);

  private static final DescribedPredicate<JavaClass> ARRAY =
      DescribedPredicate.describe("an array", JavaClass::isArray);

  private static final DescribedPredicate<JavaClass> RECORDS_OF_COLLECTIONS =
      DescribedPredicate.describe(
          "records of collections", type -> type.isRecord() && collectionFields(type) > 0);

  private static final ArchCondition<JavaClass> SAY_STATUS_AND_AGE =
      new ArchCondition<>("carry @API with a status and a version") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          boolean complete =
              type.isAnnotatedWith(API.class)
                  && type.getAnnotationOfType(API.class).since().matches("\\d+\\.\\d+");
          events.add(
              new SimpleConditionEvent(
                  type, complete, type.getName() + " needs @API(status = ..., since = \"x.y\")"));
        }
      };

  private static final ArchCondition<JavaClass> COPY_COLLECTIONS =
      new ArchCondition<>("copy them when they are made") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          long copies =
              type.getConstructors().stream()
                  .flatMap(constructor -> constructor.getMethodCallsFromSelf().stream())
                  .filter(call ->
                      call.getName().equals("copyOf") || call.getName().startsWith("unmodifiable"))
                  .filter(call ->
                      call.getTargetOwner().getPackageName().equals("java.util")
                          && !call.getTargetOwner().getSimpleName().equals("EnumSet"))
                  .count();
          events.add(
              new SimpleConditionEvent(
                  type,
                  copies >= collectionFields(type),
                  type.getName()
                      + " copies "
                      + copies
                      + " of its "
                      + collectionFields(type)
                      + " collections"));
        }
      };

  private static long collectionFields(JavaClass type) {
    return type.getFields().stream()
        .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
        .filter(field ->
            field.getRawType().isAssignableTo(Collection.class)
                || field.getRawType().isAssignableTo(Map.class))
        .count();
  }
}
