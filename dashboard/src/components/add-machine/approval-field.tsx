import { Checkbox } from "@/ui/checkbox";

interface ApprovalFieldProps {
  checked: boolean;
  onChecked: (checked: boolean) => void;
}

/** Whether machines that come with a key wait. */
export function ApprovalField({ checked, onChecked }: ApprovalFieldProps) {
  return (
    <Checkbox
      isLabelVisible
      label="Machines wait until somebody lets them in"
      hint="For a key that many people know. They wait under Enrolment."
      checked={checked}
      onChecked={onChecked}
    />
  );
}
