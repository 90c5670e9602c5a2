using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DevOps.Infrastructure.Persistence.Migrations;

[DbContext(typeof(DevOpsDbContext))]
[Migration("202611281502_ServersOf")]
public sealed class ServersOf : SqlMigration;
