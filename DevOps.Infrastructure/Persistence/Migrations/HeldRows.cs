using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DevOps.Infrastructure.Persistence.Migrations;

[DbContext(typeof(DevOpsDbContext))]
[Migration("202611281102_HeldRows")]
public sealed class HeldRows : SqlMigration;
