using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DevOps.Infrastructure.Persistence.Migrations;

[DbContext(typeof(DevOpsDbContext))]
[Migration("202611281201_TakenJobs")]
public sealed class TakenJobs : SqlMigration;
