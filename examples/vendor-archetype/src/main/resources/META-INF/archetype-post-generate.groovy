// The plugin checks a property against its expression only when it asks for it; with -B nobody has looked.
def refuse = { what, seen, expected ->
  def made = new File(request.outputDirectory, request.artifactId)
  throw new IllegalArgumentException(
      "${what}: seen [${seen}], expected ${expected}; delete ${made} and generate again with -D${what}=...")
}
def device = request.properties.get('device')
if (!(device ==~ /[A-Z][A-Za-z0-9]*/)) {
  refuse('device', device, 'what can begin the name of a class: a capital, then letters and digits')
}
if (!(request.getPackage() ==~ /[A-Za-z_]\w*(\.[A-Za-z_]\w*)*/)) {
  refuse('package', request.getPackage(), 'the name of a Java package')
}
