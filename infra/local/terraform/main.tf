# The drill's stack: what stands for new in the control plane stand-in. The groups are really made and deleted there;
# what lies in them is in this state too, as it is on Azure, and comes and goes with its group.
# Started by infra/local/stack.py, which knows the names; needs no provider but the built-in one, and no network.

terraform {
  required_version = ">= 1.6"
  backend "local" {}
}

locals {
  new = jsondecode(file("${var.folder}/terraform/new.json"))

  # what the destroy needs must be in the state, because nothing else can be asked then
  site = {
    python  = local.new.python
    network = local.new.network
    var     = var.folder
  }
}

resource "terraform_data" "group" {
  for_each = local.new.groups

  input = merge(local.site, {
    name = each.value
    id   = "/subscriptions/${local.new.subscription}/resourceGroups/${each.value}"
  })

  provisioner "local-exec" {
    command     = "\"$PYTHON\" -m infra.local.groups make \"$NAME\""
    working_dir = "${path.module}/../../.."
    environment = {
      PYTHON                   = self.input.python
      NAME                     = self.input.name
      SWITCHBACK_LOCAL_NETWORK = self.input.network
      SWITCHBACK_LOCAL_VAR     = self.input.var
    }
  }

  provisioner "local-exec" {
    when        = destroy
    command     = "\"$PYTHON\" -m infra.local.groups delete \"$NAME\""
    working_dir = "${path.module}/../../.."
    environment = {
      PYTHON                   = self.input.python
      NAME                     = self.input.name
      SWITCHBACK_LOCAL_NETWORK = self.input.network
      SWITCHBACK_LOCAL_VAR     = self.input.var
    }
  }
}

resource "terraform_data" "resource" {
  for_each = local.new.resources

  input = {
    name = each.key
    id   = "${terraform_data.group["core"].output.id}/providers/${each.value}/${each.key}"
  }
}
